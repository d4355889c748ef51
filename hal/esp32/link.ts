// No app yet: it names the three programs, so that the SDK's linker sees everything that they need.

export { startController, stepController } from "../../src/controller.js";
export { startEvse, stepEvse } from "../../src/evse.js";
export { startMeter, stepMeter } from "../../src/meter-node.js";

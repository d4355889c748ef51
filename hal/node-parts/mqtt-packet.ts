// The package mqtt-packet as one module for the device, with its tables frozen.

import constants from "mqtt-packet/constants.js";
import { frozen } from "../../src/frozen.js";

frozen(constants);

export { generate, parser, writeToStream } from "mqtt-packet";

// What meters of other makers publish, as their owners and the programs that read them have shown it.

export interface MeterExample {
  readonly title: string;
  readonly settings: object;
  /** Topic and payload, in the order of their coming. */
  readonly says: readonly (readonly [topic: string, payload: string])[];
  /** mA per phase that the house takes. */
  readonly reads: readonly number[];
}

const SHELLY_3EM = "shellies/shellyem3-483FDAC37E3F";
/** A Shelly EM Gen3 that exports. PitWatch, tests of its MQTT payloads. */
const EM_GEN3 =
  '{"src":"shellyemg3-dcb4d9c564f4","dst":"shellyemg3/events","method":"NotifyStatus","params":{"ts":1788820998.37,"em1:0":{"id":0,"current":16.714,"act_power":-1899.8,"voltage":117.6}}}';
/** A Shelly Pro 3EM, its answer to Shelly.GetStatus over MQTT; status/em:0 carries the same record. */
const EM_0 =
  '{"id":0,"a_current":3.761,"a_voltage":121.7,"a_act_power":342.8,"a_aprt_power":457.5,"a_pf":-0.80,"b_current":8.109,"b_voltage":121.0,"b_act_power":957.3,"b_aprt_power":980.7,"b_pf":-0.98,"c_current":0.025,"c_voltage":121.7,"c_act_power":0.2,"c_aprt_power":3.1,"c_pf":-1.00,"n_current":null,"total_current":11.896,"total_act_power":1300.252,"total_aprt_power":1441.226, "user_calibrated_phase":[]}';
/** A Shelly 3EM-63 Gen3 with its phases apart. ioBroker.shelly, issue 1540. */
const EM1_2 =
  '{"id":2,"current":1.246,"voltage":228.5,"act_power":219.4,"aprt_power":284.8,"pf":0.77,"freq":50.0,"calibration":"factory"}';
const EM1_0 =
  '{"id":0,"current":0.068,"voltage":229.5,"act_power":2.3,"aprt_power":15.6,"pf":0.15,"freq":50.0,"calibration":"factory"}';
/** evcc's test of a Tasmota with SML, issue 3787: it gives 894 W to the grid. */
const SML =
  '{"Time":"2022-07-07T13:01:11","HTU21":{"Temperature":25.2,"Humidity":45.5},"SML":{"Total_in":34507.4761,"Total_out":14737.1422,"Power_curr":-894,"Meter_number":"0901454d48000000000"},"Gas":{"Count":1.84},"TempUnit":"C"}';
/** A Sonoff with two channels, captured for Wattson's tests. */
const DUAL =
  '{"Time":"2026-09-18T11:19:21","ENERGY":{"TotalStartTime":"2026-09-16T00:00:00","Total":[2.813,0.254],"Yesterday":[1.530,0.125],"Today":[0.772,0.059],"Power":[52,5],"ApparentPower":[66,10],"ReactivePower":[40,9],"Factor":[0.79,0.50],"Voltage":235,"Current":[0.278,0.044],"BL09XX":{"Temperature":46.5}}}';
/** The same shape with one channel and with three, from the attributes that Tasmota documents and Home Assistant tests. */
const ONE_CHANNEL =
  '{"Time":"2026-01-01T00:00:00","ENERGY":{"Power":460,"ApparentPower":500,"Voltage":230,"Current":2.174}}';
const THREE_CHANNELS =
  '{"Time":"2026-01-01T00:00:00","ENERGY":{"Power":[230,-460,0],"ApparentPower":[240,470,12],"Voltage":230,"Current":[1.044,2.044,0.053]}}';

export const EXAMPLES: readonly MeterExample[] = [
  {
    title: "a Shelly EM, power and voltage on topics of their own",
    settings: { meterPreset: "shellyEm", meterTopic: "shellies/shellyem-house" },
    says: [
      // Topics: tests of a bridge for it; there is none of the current.
      ["shellies/shellyem-house/emeter/0/voltage", "227.80"],
      ["shellies/shellyem-house/emeter/0/power", "1139.00"],
    ],
    reads: [5_000],
  },
  {
    title: "a Shelly 3EM, one number a topic, whose current has no sign",
    settings: { meterPreset: "shelly3em", meterTopic: SHELLY_3EM, phases: 3 },
    says: [
      // -8.40 W: gladys-shelly, of this device; 0.00 W and 0.01 A: a log of another.
      [`${SHELLY_3EM}/emeter/0/power`, "-8.40"],
      [`${SHELLY_3EM}/emeter/0/current`, "0.14"],
      [`${SHELLY_3EM}/emeter/1/power`, "0.00"],
      [`${SHELLY_3EM}/emeter/1/current`, "0.01"],
      [`${SHELLY_3EM}/emeter/2/power`, "460.00"],
      [`${SHELLY_3EM}/emeter/2/current`, "2.40"],
      [`${SHELLY_3EM}/emeter/2/pf`, "0.83"],
    ],
    reads: [-36, 10, 2_400],
  },
  {
    title: "a Shelly Pro 3EM, all phases in one record",
    settings: { meterPreset: "shellyPro3em", meterTopic: "shellypro3em-ec6260890b50", phases: 3, voltageV: 121 },
    says: [["shellypro3em-ec6260890b50/status/em:0", EM_0]],
    // In W at 121 V the first would be 2.833 A: its current says more.
    reads: [3_761, 8_109, 25],
  },
  {
    title: "a Shelly Pro 3EM on one phase",
    settings: { meterPreset: "shellyPro3em", meterTopic: "shellypro3em-ec6260890b50" },
    says: [["shellypro3em-ec6260890b50/status/em:0", EM_0]],
    reads: [3_761],
  },
  {
    title: "a Shelly with its phases apart, one record each",
    settings: { meterPreset: "shellyProEm", meterTopic: "shelly3em63g3-48f6eead1a8c", phases: 3 },
    says: [
      ["shelly3em63g3-48f6eead1a8c/status/em1:0", EM1_0],
      ["shelly3em63g3-48f6eead1a8c/status/em1:2", EM1_2],
      ["shelly3em63g3-48f6eead1a8c/status/em1:1", EM1_0.replace('"id":0', '"id":1')],
    ],
    reads: [68, 68, 1_246],
  },
  {
    title: "what a Shelly of the second generation tells of an event, by a path through it",
    settings: {
      meterPreset: "custom",
      meterTopic: "shellyemg3/events/rpc",
      meterPath: "params.em1:0.act_power",
      voltageV: 117.6,
    },
    says: [["shellyemg3/events/rpc", EM_GEN3]],
    reads: [-16_154],
  },
  {
    title: "a Tasmota with one channel",
    settings: { meterPreset: "tasmota", meterTopic: "tele/mains" },
    says: [["tele/mains/SENSOR", ONE_CHANNEL]],
    reads: [2_174],
  },
  {
    title: "a Tasmota with three channels",
    settings: { meterPreset: "tasmota", meterTopic: "tele/mains", phases: 3 },
    says: [["tele/mains/SENSOR", THREE_CHANNELS]],
    reads: [1_044, -2_000, 53],
  },
  {
    title: "one channel of a Tasmota with two, by its path",
    settings: {
      meterPreset: "custom",
      meterTopic: "tele/tasmota/SENSOR",
      meterPath: "ENERGY.Current[0]",
      meterUnit: "A",
    },
    says: [["tele/tasmota/SENSOR", DUAL]],
    reads: [278],
  },
  {
    title: "a Tasmota that reads the utility's meter (SML)",
    settings: { meterPreset: "tasmotaSml", meterTopic: "tele/hichi" },
    says: [["tele/hichi/SENSOR", SML]],
    reads: [-3_886],
  },
  {
    title: "DSMR-reader on one phase, kW in and kW out",
    settings: { meterPreset: "p1", meterTopic: "dsmr/reading", voltageV: 235 },
    says: [
      // Topics and units: its documentation and Home Assistant's integration.
      ["dsmr/reading/electricity_currently_delivered", "0.313"],
      ["dsmr/reading/electricity_currently_returned", "0.000"],
      ["dsmr/reading/phase_voltage_l1", "233"],
    ],
    reads: [1_344],
  },
  {
    title: "DSMR-reader on three phases",
    settings: { meterPreset: "p1", meterTopic: "dsmr/reading", phases: 3 },
    says: [
      ["dsmr/reading/phase_currently_delivered_l1", "1.150"],
      ["dsmr/reading/phase_currently_delivered_l2", "0"],
      ["dsmr/reading/phase_currently_delivered_l3", "0.000"],
      ["dsmr/reading/phase_currently_returned_l1", "0"],
      ["dsmr/reading/phase_currently_returned_l2", "0.460"],
      ["dsmr/reading/phase_currently_returned_l3", "0"],
    ],
    reads: [5_000, -2_000, 0],
  },
  {
    title: "an own P1 reader with W on topics of its own",
    // esp8266_p1meter's read-me: 313 W in, 0 W out.
    settings: {
      meterPreset: "custom",
      meterTopic: "sensors/power/p1meter/actual_consumption - sensors/power/p1meter/actual_returndelivery",
    },
    says: [
      ["sensors/power/p1meter/actual_consumption", "313"],
      ["sensors/power/p1meter/actual_returndelivery", "0"],
    ],
    reads: [1_361],
  },
  {
    title: "ESPHome's DSMR, kW in and kW out as two sensors",
    settings: {
      meterPreset: "esphome",
      meterTopic: "slimmelezer/sensor/power_consumed - slimmelezer/sensor/power_produced",
      meterUnit: "kW",
    },
    says: [
      ["slimmelezer/sensor/power_consumed/state", "0.000"],
      ["slimmelezer/sensor/power_produced/state", "2.300"],
    ],
    reads: [-10_000],
  },
  {
    title: "an entity of Home Assistant (mqtt_statestream)",
    settings: { meterPreset: "homeAssistant", meterTopic: "homeassistant/sensor/grid_power" },
    says: [["homeassistant/sensor/grid_power/state", "2300.0"]],
    reads: [10_000],
  },
  {
    title: "SolarEdge's meter, negative while it takes from the grid (solaredge-modbus-multi, issue 69)",
    settings: { meterPreset: "solarEdge", meterTopic: "homeassistant/sensor/solaredge_m1_ac_power" },
    says: [["homeassistant/sensor/solaredge_m1_ac_power/state", "-2600"]],
    reads: [11_305],
  },
  {
    title: "Fronius' grid power, positive while it takes from the grid",
    settings: { meterPreset: "fronius", meterTopic: "homeassistant/sensor/power_grid_fronius_power_flow_0" },
    says: [["homeassistant/sensor/power_grid_fronius_power_flow_0/state", "-345.6"]],
    reads: [-1_502],
  },
];

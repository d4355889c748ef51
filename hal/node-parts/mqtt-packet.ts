// What the firmware uses of the package mqtt-packet, as one module for the device, with its tables frozen: the reading half.

import constants from "mqtt-packet/constants.js";
import Parser from "mqtt-packet/parser.js";
import { frozen } from "../../src/frozen.js";

frozen(constants);

export const parser = Parser.parser;

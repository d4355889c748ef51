declare module "mqtt-packet/constants.js" {
  const constants: object;
  export default constants;
}

declare module "mqtt-packet/constants.js" {
  const constants: object;
  export default constants;
}
declare module "mqtt-packet/parser.js" {
  const Parser: { readonly parser: object };
  export default Parser;
}

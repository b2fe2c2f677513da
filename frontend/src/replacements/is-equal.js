// Underscore comes with Backbone, and compares as deeply as Lodash does.
export { isEqual as default } from "underscore/modules/index.js";

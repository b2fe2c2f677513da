// Backbone asks for all of Underscore; this is what it uses outside of collections and routers.
export {
  chain, clone, create, defaults, defer, each, escape, extend, functions, has, invert, isArray, isEmpty, isEqual,
  isFunction, isObject, isRegExp, isString, iteratee, keys, map, matches, omit, once, pairs, pick, reduce, result,
  some, uniqueId, values,
} from "underscore/modules/index.js";

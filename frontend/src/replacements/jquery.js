// The little of jQuery that views are made with: an element in a wrapper, as `view.$el`.
export default function $(element) {
  return Object.assign(Object.create($.prototype), { 0: element, length: 1 });
}

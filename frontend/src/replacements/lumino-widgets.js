// Lumino's own bundle has docks, menus and command palettes, too. Views need these parts, taken from its sources.
export { Layout } from "@lumino/widgets/src/layout";
export { Panel } from "@lumino/widgets/src/panel";
export { PanelLayout } from "@lumino/widgets/src/panellayout";
export { TabBar } from "@lumino/widgets/src/tabbar";
export { Title } from "@lumino/widgets/src/title";
export { Widget } from "@lumino/widgets/src/widget";

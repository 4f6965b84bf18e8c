/** Elements that are loaded only where a page uses them, by tag. Each module defines its tag when imported. */
export const LAZY: Readonly<Record<string, () => Promise<unknown>>> = {
  "crowd-bounding-box": () => import("./elements/crowd-bounding-box/crowd-bounding-box.js"),
  "crowd-polygon": () => import("./elements/crowd-polygon/crowd-polygon.js"),
  "crowd-polyline": () => import("./elements/crowd-polyline/crowd-polyline.js"),
  "crowd-line": () => import("./elements/crowd-line/crowd-line.js"),
  "crowd-keypoint": () => import("./elements/crowd-keypoint/crowd-keypoint.js"),
  "crowd-question-answer-generation": () => import("./elements/crowd-question-answer-generation/crowd-question-answer-generation.js"),
  "crowd-text-ranking": () => import("./elements/crowd-text-ranking/crowd-text-ranking.js"),
  "crowd-semantic-segmentation": () => import("./elements/crowd-semantic-segmentation/crowd-semantic-segmentation.js"),
  "crowd-instance-segmentation": () => import("./elements/crowd-instance-segmentation/crowd-instance-segmentation.js"),
  "crowd-entity-annotation": () => import("./elements/crowd-entity-annotation/crowd-entity-annotation.js"),
};

import { define } from "../../chrome/base.js";
import { CrowdBoundingBox } from "./crowd-bounding-box.component.js";

define("crowd-bounding-box", CrowdBoundingBox);

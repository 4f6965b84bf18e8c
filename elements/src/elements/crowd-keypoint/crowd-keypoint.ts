import { define } from "../../chrome/base.js";
import { CrowdKeypoint } from "./crowd-keypoint.component.js";

define("crowd-keypoint", CrowdKeypoint);

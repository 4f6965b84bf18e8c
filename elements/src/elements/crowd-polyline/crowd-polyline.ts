import { define } from "../../chrome/base.js";
import { CrowdPolyline } from "./crowd-polyline.component.js";

define("crowd-polyline", CrowdPolyline);

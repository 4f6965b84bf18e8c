import { define } from "../../chrome/base.js";
import { CrowdPolygon } from "./crowd-polygon.component.js";

define("crowd-polygon", CrowdPolygon);

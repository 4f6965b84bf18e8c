import { define } from "../../chrome/base.js";
import { CrowdSliderLabel } from "./crowd-slider-label.component.js";

define("crowd-slider-label", CrowdSliderLabel);

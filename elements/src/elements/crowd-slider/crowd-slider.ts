import { define } from "../../chrome/base.js";
import { CrowdSlider } from "./crowd-slider.component.js";

define("crowd-slider", CrowdSlider);

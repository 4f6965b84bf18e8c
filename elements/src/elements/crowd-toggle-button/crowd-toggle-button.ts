import { define } from "../../chrome/base.js";
import { CrowdToggleButton } from "./crowd-toggle-button.component.js";

define("crowd-toggle-button", CrowdToggleButton);

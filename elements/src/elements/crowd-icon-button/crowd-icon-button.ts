import { define } from "../../chrome/base.js";
import { CrowdIconButton } from "./crowd-icon-button.component.js";

define("crowd-icon-button", CrowdIconButton);

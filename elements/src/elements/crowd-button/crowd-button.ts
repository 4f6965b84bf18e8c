import { define } from "../../chrome/base.js";
import { CrowdButton } from "./crowd-button.component.js";

define("crowd-button", CrowdButton);

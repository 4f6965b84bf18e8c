import { define } from "../../chrome/base.js";
import { CrowdInput } from "./crowd-input.component.js";

define("crowd-input", CrowdInput);
// Another name under which templates ask for it.
define("crowd-text-input", class CrowdTextInput extends CrowdInput {});

import { define } from "../../chrome/base.js";
import { CrowdTab } from "./crowd-tab.component.js";

define("crowd-tab", CrowdTab);

import { define } from "../../chrome/base.js";
import { CrowdTabs } from "./crowd-tabs.component.js";

define("crowd-tabs", CrowdTabs);

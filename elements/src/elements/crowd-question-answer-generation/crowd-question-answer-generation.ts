import { define } from "../../chrome/base.js";
import { CrowdQuestionAnswerGeneration } from "./crowd-question-answer-generation.component.js";

define("crowd-question-answer-generation", CrowdQuestionAnswerGeneration);

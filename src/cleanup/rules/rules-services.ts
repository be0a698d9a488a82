import { RulesService } from './rules.service';

export const rulesServices = [RulesService];

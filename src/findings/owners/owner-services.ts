import { OwnerChanges } from './owner-changes.service';
import { OwnerQueries } from './owner-queries';
import { OwnerRulesPreview } from './owner-rules-preview.service';
import { OwnersService } from './owners.service';
import { Reassignments } from './reassignments.service';

/** What the module of findings provides of owners. */
export const ownerServices = [OwnerChanges, OwnerQueries, OwnerRulesPreview, OwnersService, Reassignments];

import { nothingInUseIsLost } from './model/promise';

/** As long as it is by default: seven days, and 35 of a role. */
nothingInUseIsLost({ shortGrace: false }, ['deleted', 'restored', 'dropped', 'refused', 'halted', 'rehearsed']);

import { nothingInUseIsLost } from './model/promise';

/** One day of quarantine, the least that there is: everything comes to its end. */
nothingInUseIsLost({ shortGrace: true }, ['deleted', 'restored', 'dropped', 'refused', 'halted', 'rehearsed']);

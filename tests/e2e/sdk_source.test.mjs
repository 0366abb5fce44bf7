// Our own browser package without a browser; the tests live beside its source.

import "../../sdk/test/source.test.mjs";
import "../../sdk/test/beyond.test.mjs";
import "../../sdk/test/blocks.test.mjs";
import "../../sdk/test/differences.test.mjs";
import "../../sdk/test/lobby.test.mjs";
import "../../sdk/test/media.test.mjs";
import "../../sdk/test/prepare.test.mjs";

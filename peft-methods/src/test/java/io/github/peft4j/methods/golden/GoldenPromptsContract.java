package io.github.peft4j.methods.golden;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.testkit.internal.GoldenTensors;
import java.nio.file.Path;

/** Cases among which are prompts that an encoder makes: they are computed anew, and may differ in the last bit. */
public abstract class GoldenPromptsContract extends GoldenContract {

    private static final double ENCODED = 1e-6;

    /**
     * Tests of such cases.
     *
     * @param folder of the cases below {@code golden}
     */
    protected GoldenPromptsContract(String folder) {
        super(folder);
    }

    @Override
    protected String trainedKey(String key) {
        return key.replaceFirst("^prompt_encoder\\.", "encoder.");
    }

    @Override
    protected void assertSaved(Path written, Path expected) {
        try (GoldenTensors mine = GoldenTensors.open(written);
                GoldenTensors theirs = GoldenTensors.open(expected)) {
            assertThat(mine.names()).containsExactlyElementsOf(theirs.names());
            for (String name : theirs.names()) {
                assertClose(
                        name, mine.floats(name), theirs.floats(name), name.equals("prompt_embeddings") ? ENCODED : 0);
            }
        }
    }
}

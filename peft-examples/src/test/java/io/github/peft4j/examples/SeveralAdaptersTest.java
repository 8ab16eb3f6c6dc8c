package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeveralAdaptersTest {

    private static final Path QUICKSTART = Path.of("../peft-cli/src/main/resources/quickstart");
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @Test
    void theExampleTrainsCombinesSwapsAndMerges(@TempDir Path folder) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            SeveralAdapters.run(
                    QUICKSTART,
                    QUICKSTART.resolve("train.jsonl"),
                    folder,
                    "Please send 3 red lamps to Anna.\n",
                    12,
                    out);
        }
        String printed = bytes.toString(StandardCharsets.UTF_8);
        String none = after(printed, "none      ");
        String attention = after(printed, "attention ");
        // A batch whose rows choose gives each row what it gets alone.
        assertThat(after(printed, "__base__: ")).isEqualTo(none);
        assertThat(after(printed, "attention: ")).isEqualTo(attention).isNotEqualTo(none);
        assertThat(after(printed, "merged    ")).isEqualTo(after(printed, "mixed: "));
        assertThat(printed)
                .contains("LlamaForCausalLM with 2 adapters\nattention: LORA, ")
                .contains("\nmixed: LORA, active, frozen, ")
                .contains("trainable params: ")
                .contains("model.layers.0.mlp.up_proj [mixed]\n")
                .contains("model.layers.0.self_attn.q_proj [attention, mixed]\n");
        assertThat(folder.resolve("mlp")).isDirectoryContaining("glob:**/adapter_model.safetensors");
    }

    private static String after(String printed, String label) {
        int start = printed.indexOf("\n" + label) < 0 ? printed.indexOf(label) : printed.indexOf("\n" + label) + 1;
        assertThat(start).as(label).isNotNegative();
        // Texts may have several lines; what follows a text begins with the next label.
        Matcher next = Pattern.compile("\n(both      |attention |none      |[a-z_]+: |merged    |Llama)")
                .matcher(printed);
        int from = start + label.length();
        return printed.substring(from, next.find(from) ? next.start() : printed.length());
    }

    @Test
    void thePageShowsTheExampleAsItIs() throws Exception {
        String page = Files.readString(Path.of("../docs/how-to/several-adapters.md"));
        String code = Files.readString(Path.of("src/main/java/io/github/peft4j/examples/SeveralAdapters.java"))
                .replaceAll("\\s+", "");
        List<String> shown = new ArrayList<>();
        BLOCK.matcher(page).results().forEach(block -> shown.add(block.group(1).replaceAll("\\s+", "")));
        assertThat(shown)
                .hasSizeGreaterThan(5)
                .allSatisfy(block -> assertThat(code).contains(block));
    }
}

package io.github.peft4j.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.chat.ChatSession;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.ToyFolders;
import io.github.peft4j.models.text.template.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model and the text tools of the folder that it is said to come from. */
final class TextGeneratorTest {

    private static final GenerationConfig GREEDY =
            GenerationConfig.builder().greedy(true).maxNewTokens(6).build();

    @TempDir
    private Path folder;

    private Model<LanguageHead> model;

    @BeforeEach
    void open() throws IOException {
        model = Toy.load("llama", Precision.FLOAT32);
        words(folder, "w");
        ToyFolders.write(folder, "config.json", Map.of("model_type", "llama"));
        model.setOrigin(ModelOrigin.of(folder));
    }

    @AfterEach
    void close() {
        model.close();
    }

    /** A tokenizer of a word for each of the model's tokens, which begin with some letter. */
    private void words(Path where, String letter) throws IOException {
        List<String> words = IntStream.range(0, model.vocabSize() - 1)
                .mapToObj(id -> letter + id)
                .toList();
        ToyFolders.words(
                where, Stream.concat(Stream.of("?"), words.stream()).toList().toArray(String[]::new));
        ToyFolders.write(where, "tokenizer_config.json", Map.of("tokenizer_class", "PreTrainedTokenizerFast"));
    }

    private static void template(Path where, String text) throws IOException {
        ToyFolders.write(where, "chat_template.jinja", text);
    }

    @Test
    void textInAndTextOutIsWhatTokenizerAndGeneratorMakeOfIt() throws Exception {
        TextGenerator texts = TextGenerator.of(model, GREEDY);
        List<String> prompts = List.of("w3 w1 w4", "w1");
        List<String> expected = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            for (String prompt : prompts) {
                int[] ids = new Generator(model, GREEDY)
                        .generate(List.of(tokenizer.encode(prompt)))
                        .get(0)
                        .ids();
                expected.add(tokenizer.decode(ids, true));
            }
        }
        assertThat(texts.generate(prompts)).isEqualTo(expected);
        assertThat(texts.generate(prompts.get(0))).isEqualTo(expected.get(0)).startsWith("w");
        List<String> pieces = new ArrayList<>();
        assertThat(texts.generate(prompts.get(1), pieces::add)).isEqualTo(expected.get(1));
        assertThat(String.join("", pieces)).isEqualTo(expected.get(1));
        assertThat(pieces).hasSizeGreaterThan(1).doesNotContain("");
    }

    @Test
    void settingsAreThoseOfTheFolderUnlessGiven() throws Exception {
        ToyFolders.write(folder, "generation_config.json", Map.of("max_new_tokens", 3));
        assertThat(TextGenerator.of(model).generate("w1").split(" ")).hasSize(3);
        model.setOrigin(null);
        assertThat(GenerationConfig.builder(model).build().maxNewTokens())
                .isEqualTo(GenerationConfig.DEFAULT_MAX_NEW_TOKENS);
    }

    @Test
    void theTokenizerOfAnotherFolderIsUsedWhileThatIsNamed(@TempDir Path other) throws Exception {
        words(other, "v");
        template(folder, "own");
        Tokenizer own = model.tokenizer();
        Path[] named = new Path[1];
        model.setTextFolder(() -> Optional.ofNullable(named[0]));
        assertThat(model.tokenizer()).isSameAs(own);
        named[0] = other;
        assertThat(TextGenerator.of(model, GREEDY).generate("v1")).startsWith("v");
        assertThat(model.chatTemplate().render(List.of(Message.user("x")), true))
                .as("a folder without a template of its own goes by the model's")
                .isEqualTo("own");
        assertThat(model.chatTemplate().tokenizer()).isSameAs(model.tokenizer()).isNotSameAs(own);
        named[0] = null;
        assertThat(model.tokenizer()).isSameAs(own);
    }

    @Test
    void aChatGoesByTheModelsTemplate() throws Exception {
        template(folder, "{% for m in messages %}{{ m.content }} {% endfor %}");
        ChatSession chat = ChatSession.of(model, GREEDY);
        assertThat(chat.say("w1").text())
                .isEqualTo(TextGenerator.of(model, GREEDY).generate("w1 "));
    }

    @Test
    void aFolderWithoutTextToolsIsToldOf() throws Exception {
        assertThatThrownBy(model::chatTemplate)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("no chat template in " + folder);
        Path empty = Files.createDirectory(folder.resolve("empty"));
        model.setOrigin(ModelOrigin.of(empty));
        assertThatThrownBy(() -> TextGenerator.of(model, GREEDY).generate("w1"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("no tokenizer.json in " + empty);
        model.setOrigin(null);
        assertThatThrownBy(model::tokenizer)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no tokenizer: the model was not loaded from a folder. Give token ids");
    }

    @Test
    void aTokenizerIsClosedWithItsModel() throws Exception {
        Tokenizer tokenizer = model.tokenizer();
        model.close();
        assertThatThrownBy(() -> tokenizer.encode("w1")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(model::tokenizer)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }
}

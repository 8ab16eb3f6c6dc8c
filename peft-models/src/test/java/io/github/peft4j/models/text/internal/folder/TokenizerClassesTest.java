package io.github.peft4j.models.text.internal.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.ToyFolders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which class is chosen, beside what the fixture shows by its ids. */
class TokenizerClassesTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, false, ''",
                "-, llama, false, ''",
                "-, gpt2, false, GPT2Tokenizer",
                "LlamaTokenizerFast, llama, false, LlamaTokenizer",
                "LlamaTokenizer, llama, true, ''",
                "LlamaTokenizer, qwen2, true, Qwen2Tokenizer",
                "LlamaTokenizer, mistral, false, ''",
                "GPT2Tokenizer, qwen2, true, Qwen2Tokenizer",
                "GPT2Tokenizer, qwen3, true, GPT2Tokenizer",
                "PreTrainedTokenizerFast, gemma, false, ''",
                "BloomTokenizerFast, bloom, true, ''",
                "SomeTokenizer, gpt2, true, ''",
                "'', gpt2, true, GPT2Tokenizer",
                "DistilBertTokenizer, distilbert, false, DistilBertTokenizer",
                "BertTokenizer, modernbert, false, ''",
            })
    void is_the_class_that_transformers_chooses(String declared, String modelType, boolean byteLevel, String chosen)
            throws CheckpointException {
        assertThat(TokenizerClasses.of(declared, modelType, byteLevel, folder).name())
                .isEqualTo(chosen);
    }

    @ParameterizedTest
    @CsvSource({
        "BertweetTokenizer, reads other files than tokenizer.json",
        "GPTSw3Tokenizer, reads other files than tokenizer.json",
        "LayoutLMv3TokenizerFast, needs boxes beside the words",
        "NllbTokenizer, puts a language around each text",
        "CpmTokenizerFast, divides words by a program in Python",
    })
    void refuses_classes_for_which_the_file_is_not_all(String declared, String why) throws IOException {
        ToyFolders.words(folder, "?", "a");
        ToyFolders.write(folder, "tokenizer_config.json", Map.of("tokenizer_class", declared));

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(folder.resolve("tokenizer_config.json") + ": tokenizer_class ")
                .hasMessageContaining(" is not supported: it " + why + ". If tokenizer.json is all");
    }

    @Test
    void refuses_a_vocabulary_that_a_class_has_no_use_for() throws IOException {
        ToyFolders.words(folder, "?", "a");
        ToyFolders.write(folder, "tokenizer_config.json", Map.of("tokenizer_class", "T5Tokenizer"));

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .hasMessage(
                        folder.resolve("tokenizer.json")
                                + " has a vocabulary without scores, of which no Unigram, as tokenizer_class T5Tokenizer has it, can be made");
    }

    @Test
    void refuses_a_class_whose_special_token_is_null() throws IOException {
        ToyFolders.words(folder, "?", "a");
        Map<String, Object> config = new LinkedHashMap<>(Map.of("tokenizer_class", "BertTokenizer"));
        config.put("cls_token", null);
        ToyFolders.write(folder, "tokenizer_config.json", config);

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .hasMessage(folder.resolve("tokenizer_config.json")
                        + ": tokenizer_class BertTokenizer needs cls_token, which is null there");
    }

    /** The ids are those of transformers 5.23. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4.50.0 | true | mistral | 1 2 4",
                "4.50.0 | false | mistral | 3 1",
                "5.1.0 | true | mistral | 3 1",
                "4.50.0 | true | llama | 3 1",
            })
    void divides_words_of_mistral_rightly_if_it_is_asked_to(String version, boolean fix, String type, String ids)
            throws IOException {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (String word : new String[] {"<unk>", "foo", "Bar", "fooBar", "\u0120foo"}) {
            vocabulary.put(word, vocabulary.size());
        }
        while (vocabulary.size() < 100_002) {
            vocabulary.put("w" + vocabulary.size(), vocabulary.size());
        }
        ToyFolders.write(
                folder,
                "tokenizer.json",
                "{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\s+\"},\"behavior\":\"Removed\","
                        + "\"invert\":false},{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":false}]},"
                        + "\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"<unk>\",\"vocab\":"
                        + ToyFolders.JSON.writeValueAsString(vocabulary) + "}}");
        ToyFolders.write(folder, "config.json", Map.of("model_type", type, "transformers_version", version));
        ToyFolders.write(folder, "tokenizer_config.json", Map.of("fix_mistral_regex", fix));

        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("fooBar foo"))
                    .containsExactly(java.util.Arrays.stream(ids.split(" "))
                            .mapToInt(Integer::parseInt)
                            .toArray());
        }
    }
}

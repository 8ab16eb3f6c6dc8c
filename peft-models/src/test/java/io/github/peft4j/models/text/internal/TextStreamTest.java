package io.github.peft4j.models.text.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.ToyFolders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pieces of text come out whole, in time, and are the text of all tokens together. */
class TextStreamTest {

    /** Tokens 0 to 255 are bytes, 300 stands for nothing, others for words. */
    private static String decode(int[] ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            if (id < 256) {
                bytes.write(id);
            } else if (id > 300) {
                bytes.writeBytes((" w" + id).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static List<String> pieces(int... ids) {
        TextStream stream = new TextStream(TextStreamTest::decode);
        List<String> pieces = new ArrayList<>();
        for (int id : ids) {
            pieces.add(stream.add(id));
        }
        pieces.add(stream.finish());
        return pieces;
    }

    private static int[] bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xff).toArray();
    }

    @Test
    void holds_back_the_beginning_of_a_character() {
        assertThat(pieces(bytes("a😀é"))).containsExactly("a", "", "", "", "😀", "", "é", "");
    }

    @Test
    void gives_at_the_end_what_never_became_a_character() {
        assertThat(pieces('a', 0xf0, 0x9f)).containsExactly("a", "", "", "\ufffd");
    }

    @Test
    void gives_wrong_bytes_once_something_else_follows() {
        assertThat(pieces(0xff, 'a')).containsExactly("", "\ufffda", "");
    }

    @Test
    void gives_the_replacement_character_itself() {
        assertThat(String.join("", pieces(bytes("x\ufffdy\ufffd")))).isEqualTo("x\ufffdy\ufffd");
    }

    @Test
    void does_not_wait_for_ever_for_a_character() {
        TextStream stream = new TextStream(TextStreamTest::decode);
        int waited = 0;
        while (stream.add(0xff).isEmpty()) {
            waited++;
        }

        assertThat(waited).isEqualTo(15);
    }

    @Test
    void keeps_a_short_window_however_many_tokens_come() {
        List<Integer> lengths = new ArrayList<>();
        TextStream stream = new TextStream(ids -> {
            lengths.add(ids.length);
            return decode(ids);
        });
        stream.add('a');
        IntStream.range(0, 2000).forEach(i -> stream.add(i % 3 == 0 ? 301 : 300));
        IntStream.range(0, 2000).forEach(i -> stream.add(0xff));

        assertThat(lengths).allMatch(length -> length <= 40);
    }

    @Test
    void begins_anew_after_the_end() {
        TextStream stream = new TextStream(TextStreamTest::decode);
        stream.add(0xf0);
        stream.finish();

        assertThat(stream.add('a')).isEqualTo("a");
        assertThat(stream.finish()).isEmpty();
    }

    static List<Integer> seeds() {
        return IntStream.range(0, 200).boxed().toList();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void gives_the_text_of_any_tokens(int seed) {
        Random random = new Random(seed);
        int[] valid = bytes("é😀日\u0000 a\n");
        int[] ids = random.ints(60)
                .map(i -> random.nextInt(4) == 0 ? 298 + random.nextInt(6) : valid[random.nextInt(valid.length)])
                .toArray();

        assertThat(String.join("", pieces(ids))).isEqualTo(decode(ids));
    }

    @Test
    void streams_text_of_a_tokenizer_that_falls_back_to_bytes(@TempDir Path folder) throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(folder, "llama2"))) {
            Random random = new Random(1);
            for (int round = 0; round < 50; round++) {
                StringBuilder text = new StringBuilder();
                random.ints(30, 0, 7)
                        .forEach(i -> text.append(List.of("é", "😀", " ", "the", "日本", "</s>", "\n")
                                .get(i)));
                int[] ids = tokenizer.encode(text.toString());
                TextStream stream = tokenizer.stream(true);
                StringBuilder pieces = new StringBuilder();
                for (int id : ids) {
                    pieces.append(stream.add(id));
                }

                assertThat(pieces.append(stream.finish()).toString()).isEqualTo(tokenizer.decode(ids, true));
            }
        }
    }
}

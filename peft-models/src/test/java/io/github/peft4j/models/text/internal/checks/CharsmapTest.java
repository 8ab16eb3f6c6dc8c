package io.github.peft4j.models.text.internal.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** The table that SentencePiece made for the fixture {@code tokenizer_classes.jsonl}, as it is and damaged. */
class CharsmapTest {

    private static byte[] table() throws IOException {
        try (InputStream in = CharsmapTest.class.getResourceAsStream("/text/tokenizer_classes.jsonl")) {
            String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1);
            JsonNode encoded = new ObjectMapper().readTree(lines[1]).findValue("precompiled_charsmap");
            return Base64.getDecoder().decode(encoded.textValue());
        }
    }

    @Test
    void a_table_of_sentencepiece_is_sound() throws IOException {
        Charsmap map = Charsmap.of(table());

        assertThat(map.growth()).isBetween(2.0, 3.0); // "½", two bytes, becomes "1⁄2", five
        assertThat(map.deletesFrom(7)).isTrue();
        assertThat(map.deletesFrom('a')).isFalse();
        assertThat(map.deletesFrom('\t')).isFalse();
    }

    @Test
    void what_is_too_short_is_refused() throws IOException {
        byte[] table = table();

        for (int length : new int[] {0, 3, 4, 100, 1000}) {
            assertThatThrownBy(() -> Charsmap.of(Arrays.copyOf(table, length)))
                    .as("%d bytes", length)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("is no table: ");
        }
    }

    @Test
    void a_way_that_leads_outside_is_refused() throws IOException {
        byte[] table = table();
        ByteBuffer bytes = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(4, bytes.getInt(4) | 0x7f << 22);

        assertThatThrownBy(() -> Charsmap.of(table)).hasMessage("is no table: its trie points outside itself");
    }

    @Test
    void a_replacement_outside_the_list_is_refused() throws IOException {
        byte[] table = table();
        int trie = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).getInt(0);

        assertThatThrownBy(() -> Charsmap.of(Arrays.copyOf(table, trie + 5)))
                .hasMessage("is no table: its trie points outside its replacements");
    }
}

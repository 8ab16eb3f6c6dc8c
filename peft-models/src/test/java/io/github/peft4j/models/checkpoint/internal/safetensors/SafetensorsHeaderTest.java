package io.github.peft4j.models.checkpoint.internal.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsHeaderTest {

    private static final String GOOD = "{\"a\":{\"dtype\":\"I16\",\"shape\":[2],\"data_offsets\":[0,4]}}";

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0} -> {2}")
    @MethodSource("damaged")
    void refusesADamagedHeader(String header, int dataBytes, String message) throws IOException {
        Path file = Fixtures.safetensors(folder.resolve("a.safetensors"), header, dataBytes);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    static Stream<Arguments> damaged() {
        return Stream.of(
                Arguments.of("", 0, "begins with '{', found an empty one"),
                Arguments.of(" {}", 0, "begins with '{', found byte 32"),
                Arguments.of("[]", 0, "begins with '{'"),
                Arguments.of("{", 0, "expected a key between quotation marks, found the end at line 1, column 2"),
                Arguments.of("{}{}", 0, "expected nothing after"),
                Arguments.of("{\"a\":1}", 0, "tensor \"a\": expected an object, found a number at line 1, column 6"),
                Arguments.of("{\"a\":null}", 0, "expected an object, found null"),
                Arguments.of("{\"a\":{}}", 0, "expected a dtype, a shape and two data_offsets"),
                Arguments.of(tensor("\"U8\"", "[2]", "[0]"), 2, "two data_offsets"),
                Arguments.of(tensor("\"U8\"", "[2]", "[0,2,2]"), 2, "at most 2 numbers"),
                Arguments.of(tensor("\"U8\"", "[2]", "[2,0]"), 2, "are not a range"),
                Arguments.of(tensor("\"U8\"", "[2]", "[-2,0]"), 2, "are not a range"),
                Arguments.of(tensor("8", "[2]", "[0,2]"), 2, "dtype: expected text"),
                Arguments.of(tensor("\"U8\"", "2", "[0,2]"), 2, "shape: expected a list"),
                Arguments.of(
                        tensor("\"U8\"", "[2.0]", "[0,2]"),
                        2,
                        "shape: expected whole numbers of 64 bits, found the number 2.0"),
                Arguments.of(tensor("\"U8\"", "[\"2\"]", "[0,2]"), 2, "shape: expected a number, found text"),
                Arguments.of(tensor("\"U8\"", "[-1,-2]", "[0,2]"), 2, "negative dimension"),
                Arguments.of(
                        tensor("\"U8\"", "[9223372036854775808]", "[0,2]"), 2, "found the number 9223372036854775808"),
                Arguments.of(
                        tensor("\"U8\"", "[" + "9".repeat(2000) + "]", "[0,2]"), 2, "found a number of 2000 digits"),
                Arguments.of(tensor("\"U8\"", "[4294967296,4294967296]", "[0,0]"), 0, "is too large"),
                Arguments.of(tensor("\"U8\"", "[4294967296,4294967296,0]", "[0,0]"), 0, "is too large"),
                Arguments.of(tensor("\"I64\"", "[2305843009213693952]", "[0,0]"), 0, "is too large"),
                Arguments.of(tensor("\"U8\"", "[" + "1,".repeat(64) + "1]", "[0,1]"), 1, "at most 64 numbers"),
                Arguments.of(tensor("\"I16\"", "[2]", "[0,2]"), 2, "takes 4 bytes, its data_offsets give it 2"),
                Arguments.of(tensor("\"U8\"", "[2]", "[1,3]"), 3, "begins at 1, expected 0: there is a gap"),
                Arguments.of(two("[0,4]", "[6,10]"), 10, "tensor \"b\" begins at 6, expected 4: there is a gap"),
                Arguments.of(two("[0,4]", "[2,6]"), 6, "tensor \"b\" begins at 2, expected 4: it overlaps"),
                Arguments.of(two("[0,4]", "[0,4]"), 4, "it overlaps"),
                Arguments.of(GOOD, 5, "is longer than its header says: expected 66 bytes, found 67"),
                Arguments.of(GOOD, 3, "is truncated: expected 66 bytes, found 65"),
                Arguments.of(unknown(Long.MAX_VALUE), 4, "is truncated: expected 9223372036854775807 bytes"),
                Arguments.of("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 0, "the key \"dtype\" stands twice"),
                Arguments.of(GOOD.replace("}}", "},") + GOOD.substring(1), 4, "the key \"a\" stands twice"),
                Arguments.of("{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}", 0, "the key \"a\" stands twice"),
                Arguments.of("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "\"__metadata__\" stands twice"),
                Arguments.of("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__.a: expected text"),
                Arguments.of("{\"__metadata__\":[]}", 0, "__metadata__: expected an object"),
                Arguments.of("{\"__metadata__\":null}", 0, "__metadata__: expected an object"),
                Arguments.of("{\"a\":" + "[".repeat(5000), 0, "expected an object"),
                Arguments.of("{\"a\":{\"more\":" + "[".repeat(5000), 0, "more than 1000 deep"),
                Arguments.of("{\"" + "n".repeat(60_000) + "\":1}", 0, "nn\": expected an object"),
                Arguments.of("{'a':1}", 0, "expected a key between quotation marks, found ' at"),
                Arguments.of("{\"a\n\u001b[2J\":1}", 0, "a text holds U+000A as it is"),
                Arguments.of("{\"a\\u001b[2J\\n\":1}", 0, "tensor \"a\\u001b[2J\\u000a\""));
    }

    private static String tensor(String type, String shape, String offsets) {
        return "{\"a\":{\"dtype\":" + type + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
    }

    private static String two(String first, String second) {
        String tensor = "{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":";
        return "{\"b\":" + tensor + second + "},\"a\":" + tensor + first + "}}";
    }

    private static String unknown(long end) {
        return "{\"a\":{\"dtype\":\"X\",\"shape\":[1],\"data_offsets\":[0," + end + "]}}";
    }

    @Test
    void ignoresKeysItDoesNotKnowAsTheLibraryDoes() throws IOException {
        String header = GOOD.replace("[2]", "[2],\"later\":{\"a\":[1,{}]}");
        try (SafetensorsFile file =
                SafetensorsFile.open(Fixtures.safetensors(folder.resolve("a.safetensors"), header, 4))) {
            assertThat(Fixtures.heap(file.bytes("a"))).containsExactly(0, 1, 2, 3);
        }
    }

    @Test
    void refusesAHeaderLengthBeyondTheLimit() throws IOException {
        for (long length : new long[] {100_000_001, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            Path file = Files.write(
                    folder.resolve("a.safetensors"),
                    ByteBuffer.allocate(64)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(length)
                            .array());
            assertThatThrownBy(() -> SafetensorsFile.open(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("at most 100000000 bytes, found the length " + Long.toUnsignedString(length));
        }
    }

    @Test
    void refusesAHeaderThatIsNotUtf8() throws IOException {
        byte[] bytes = Fixtures.safetensors("{\"?\":1}", 0);
        bytes[10] = (byte) 0xff;
        Path file = Files.write(folder.resolve("a.safetensors"), bytes);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not valid UTF-8");
    }

    @Test
    void refusesUtf16() throws IOException {
        byte[] json = "{}".getBytes(StandardCharsets.UTF_16LE);
        byte[] bytes = ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
        Path file = Files.write(folder.resolve("a.safetensors"), bytes);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class);
    }

    @Test
    void saysExpectedAndFoundBytesWhereverTheFileIsCut() throws IOException {
        byte[] whole = Files.readAllBytes(Fixtures.path("every-type.safetensors"));
        Path file = folder.resolve("cut.safetensors");
        for (int length = 0; length < whole.length; length += length < 100 ? 1 : 3) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> SafetensorsFile.open(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(file + " is truncated: expected ")
                    .hasMessageContaining(", found ");
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void givesNothingButCheckpointExceptionsForFlippedBits(int seed) throws IOException {
        Random random = new Random(seed);
        String source = seed % 2 == 0 ? "strange-names.safetensors" : "every-type.safetensors";
        byte[] whole = Files.readAllBytes(Fixtures.path(source));
        Path file = folder.resolve("a.safetensors");
        for (int round = 0; round < 50; round++) {
            byte[] bytes = whole.clone();
            int flips = 1 + random.nextInt(3);
            for (int i = 0; i < flips; i++) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, bytes);
            Throwable thrown = catchThrowable(() -> {
                try (SafetensorsFile open = SafetensorsFile.open(file)) {
                    Fixtures.readAll(open);
                }
            });
            if (thrown != null) {
                assertThat(thrown).isInstanceOf(CheckpointException.class);
                assertThat(thrown.getMessage()).doesNotContain("\n");
            }
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }
}

package io.github.peft4j.training.data.text.internal;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How a file is compressed, as its name says. What comes out is read piece by piece: a small file that stands for a large text takes no memory. */
enum Compression {
    NONE("") {
        @Override
        InputStream open(InputStream packed) {
            return packed;
        }
    },

    GZIP(".gz") {
        @Override
        InputStream open(InputStream packed) throws IOException {
            return new GzipInput(packed);
        }
    },

    ZSTD(".zst") {
        @Override
        InputStream open(InputStream packed) throws IOException {
            try {
                return Zstd.open(packed);
            } catch (LinkageError e) {
                throw new DataException(
                        "files that end with .zst need the library com.github.luben:zstd-jni, which could not be loaded: "
                                + e,
                        e);
            }
        }
    };

    private final String ending;

    Compression(String ending) {
        this.ending = ending;
    }

    /** What names of compressed files end with. */
    static List<String> endings() {
        return List.of(GZIP.ending, ZSTD.ending);
    }

    static Compression of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(each -> each != NONE && name.endsWith(each.ending))
                .findFirst()
                .orElse(NONE);
    }

    /** The text that compressed bytes stand for. */
    abstract InputStream open(InputStream packed) throws IOException;

    /** Names the library, which is loaded with this class when it is needed. */
    private static final class Zstd {

        /** Bits of how far back a text may refer: 128 MiB, the most that zstd itself takes unasked. */
        private static final int WINDOW = 27;

        private Zstd() {}

        static InputStream open(InputStream packed) throws IOException {
            return new ZstdInputStreamNoFinalizer(packed).setLongMax(WINDOW);
        }
    }
}

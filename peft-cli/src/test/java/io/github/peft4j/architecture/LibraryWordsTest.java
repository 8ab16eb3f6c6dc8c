package io.github.peft4j.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Libraries speak of settings and values; which option of the command sets one is the command's to say. */
final class LibraryWordsTest {

    private static final String COMMAND = "io.github.peft4j.cli";

    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z]");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.github.peft4j");

    private static final int MAGIC = 0xCAFEBABE;

    /** A text of a class file's constant pool. */
    private static final int UTF8 = 1;

    /** All texts in a class file, those that a string concatenation is made of too. */
    private static List<String> texts(JavaClass type) throws IOException {
        List<String> texts = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(
                type.getSource().orElseThrow().getUri().toURL().openStream()))) {
            assertThat(in.readInt()).isEqualTo(MAGIC);
            in.readInt();
            int count = in.readUnsignedShort();
            for (int i = 1; i < count; i++) {
                int tag = in.readUnsignedByte();
                switch (tag) {
                    case UTF8 -> texts.add(in.readUTF());
                    case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
                    case 15 -> in.skipNBytes(3);
                    case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
                    case 5, 6 -> {
                        in.skipNBytes(8);
                        // A long or double takes two places.
                        i++;
                    }
                    default -> throw new IOException("constant of kind " + tag + " in " + type.getName());
                }
            }
        }
        return texts;
    }

    private static Set<String> naming(boolean command) throws IOException {
        Set<String> found = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            if (type.getPackageName().startsWith(COMMAND) == command) {
                texts(type).stream()
                        .filter(text -> OPTION.matcher(text).find())
                        .forEach(text -> found.add(type.getName() + ": " + text));
            }
        }
        return found;
    }

    @Test
    void noLibraryNamesAnOptionOfTheCommand() throws IOException {
        assertThat(naming(false)).isEmpty();
    }

    @Test
    void optionsWouldBeFoundIfTheyWereThere() throws IOException {
        assertThat(naming(true)).hasSizeGreaterThan(50);
    }
}

package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Locale, encoding and time zone of the JVM change nothing of what is printed and written. */
class LocaleIT {

    /** Times, speeds and memory, which differ from run to run, with the words that say so. */
    private static final Pattern MEASURED = Pattern.compile("[0-9][0-9.,e+-]*");

    private static final List<String> WRITTEN = List.of(
            "adapter/adapter_model.safetensors",
            "adapter/adapter_config.json",
            "adapter/README.md",
            "adapter/loss.png",
            "merged/model.safetensors",
            "merged/config.json");

    @TempDir
    private static Path folder;

    private static Map<String, Object> usual;

    @BeforeAll
    static void runAsUsual() throws Exception {
        usual = run("usual", "-Duser.language=en", "-Duser.country=US", "-Dfile.encoding=UTF-8", "-Duser.timezone=UTC");
    }

    private static Map<String, Object> run(String name, String... properties) throws Exception {
        // The folder's name is part of what is printed.
        Path work = Files.createDirectories(folder.resolve(name)).resolve("work");
        Files.createDirectories(work);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.awt.headless=true",
                "-Dai.djl.pytorch.num_threads=1"));
        command.addAll(List.of(properties));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), EverydayCommands.class.getName()));
        command.add(work.toString());
        Process process = new ProcessBuilder(command)
                .redirectError(folder.resolve(name + ".txt").toFile())
                .start();
        Map<String, Object> seen = new LinkedHashMap<>();
        try (InputStream out = process.getInputStream()) {
            String printed = new String(out.readAllBytes(), StandardCharsets.UTF_8).replace(work.toString(), "WORK");
            assertThat(process.waitFor()).as(printed).isZero();
            seen.put("printed", shape(printed));
        }
        for (String file : WRITTEN) {
            seen.put(file, bytes(work, file));
        }
        String csv = Files.readString(work.resolve("adapter").resolve("metrics.csv"));
        seen.put("metrics.csv", shape(csv));
        return seen;
    }

    private static Object bytes(Path work, String file) throws IOException {
        byte[] bytes = Files.readAllBytes(work.resolve(file));
        return file.endsWith(".md") || file.endsWith(".json")
                ? new String(bytes, StandardCharsets.UTF_8).replace(work.toString(), "WORK")
                : new BigInteger(1, bytes).hashCode() + " of " + bytes.length + " bytes";
    }

    /** The text with every number written as #, so that numbers must be numbers, and without progress, which goes by the time. */
    private static List<String> shape(String text) {
        return MEASURED.matcher(text.replaceAll("\\r[^\\n]*?(?=\\r|\\n)", ""))
                .replaceAll("#")
                .lines()
                .map(line -> line.replaceAll(" +", " "))
                .filter(line -> !line.isEmpty())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tr-TR", "fa-IR", "ar-EG", "hi-IN-u-nu-deva", "th-TH-u-ca-buddhist"})
    void thePlaceOfTheJvmChangesNothing(String place) throws Exception {
        String[] parts = place.split("-", 3);
        Map<String, Object> seen = run(
                place,
                "-Duser.language=" + parts[0],
                "-Duser.country=" + parts[1],
                "-Duser.extensions=" + (parts.length > 2 ? parts[2] : ""),
                "-Dfile.encoding=ISO-8859-1",
                "-Duser.timezone=Pacific/Kiritimati");
        seen.forEach(
                (what, value) -> assertThat(value).as(what + " in " + place).isEqualTo(usual.get(what)));
    }
}

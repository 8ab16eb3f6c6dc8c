package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the page on use from one's own build shows is what the projects that are built and run hold, in the versions of this build. */
class BuildPageTest {

    private static final Path ROOT = Path.of("..");

    private static String read(String file) throws Exception {
        return Files.readString(ROOT.resolve(file));
    }

    private static String plain(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    @Test
    void itShowsTheProjectsAsTheyAre() throws Exception {
        String page = read("docs/how-to/use-it-from-your-build.md");
        Matcher shown = Pattern.compile("<!-- (\\S+) -->\n```xml\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        int found = 0;
        while (shown.find()) {
            assertThat(plain(read(shown.group(1)))).contains(plain(shown.group(2)));
            found++;
        }
        assertThat(found).isEqualTo(3);
        String gradle = read("tools/builds/gradle/build.gradle.kts");
        Matcher kotlin = Pattern.compile("```kotlin\n(.*?)```", Pattern.DOTALL).matcher(page);
        assertThat(kotlin.find()).isTrue();
        assertThat(plain(gradle)).contains(plain(kotlin.group(1)));
    }

    @Test
    void versionsInThePagesAreThoseOfTheBuild() throws Exception {
        String pom = read("pom.xml");
        String jni = property(pom, "pytorch.version") + "-" + property(pom, "djl.version");
        for (String page : new String[] {
            "README.md",
            "docs/how-to/use-it-from-your-build.md",
            "tools/builds/maven/pom.xml",
            "tools/builds/spring-boot/pom.xml"
        }) {
            String text = read(page);
            assertThat(text).as(page).contains(jni);
            assertThat(Pattern.compile("\\b\\d+\\.\\d+\\.\\d+-0\\.\\d+\\.\\d+\\b")
                            .matcher(text)
                            .results()
                            .map(result -> result.group()))
                    .as(page)
                    .containsOnly(jni);
        }
    }

    private static String property(String pom, String name) {
        Matcher value = Pattern.compile("<" + Pattern.quote(name) + ">([^<]+)<").matcher(pom);
        assertThat(value.find()).isTrue();
        return value.group(1);
    }
}

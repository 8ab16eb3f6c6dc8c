package io.github.peft4j.models.hub.internal.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobsTest {

    @ParameterizedTest
    @CsvSource({
        "*.txt, a/b.txt, true",
        "*.txt, a.txtx, false",
        "a/, a/b/c, true",
        "a?c, abc, true",
        "[ab]*, bc, true",
        "[!ab]*, bc, false",
        "[!ab]*, cd, true",
        "[]]x, ]x, true",
        "[!]]x, ]x, false",
        "[a, [a, true",
        "a+(b).*, a+(b).c, true",
        "[a-c&&b], &, true",
    })
    void patternsAreThoseOfPython(String glob, String name, boolean matches) {
        assertThat(new Globs(List.of("x", glob)).match(name)).isEqualTo(matches);
    }
}

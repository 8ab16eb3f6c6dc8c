package io.github.peft4j.training.report;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Without its library a report says so when it is made, not after hours of training. */
class OptionalLibraryTest {

    private static URLClassLoader without(String library) throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!new File(entry).getName().startsWith(library)) {
                urls.add(new File(entry).toURI().toURL());
            }
        }
        return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    }

    @ParameterizedTest
    @CsvSource({
        "lossCurve, java.nio.file.Path, xchart, org.knowm.xchart:xchart",
        "progress, java.io.PrintStream, progressbar, me.tongfei:progressbar"
    })
    void aReportNamesTheLibraryThatItLacks(String report, String parameter, String library, String artifact)
            throws Exception {
        try (URLClassLoader loader = without(library)) {
            Class<?> type = loader.loadClass("io.github.peft4j.training.report.Reports");
            assertThatThrownBy(() ->
                            type.getMethod(report, Class.forName(parameter)).invoke(null, (Object) null))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .hasMessage("Reports." + report + " needs the library " + artifact
                            + ", which is not on the class path: add it to the project's dependencies");
        }
    }
}

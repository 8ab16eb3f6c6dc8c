package io.github.peft4j.methods;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No method is registered that the contract is not tested for. */
class MethodsHaveContractsTest {

    @Test
    void everyRegisteredMethodHasAContractTest() throws Exception {
        Set<String> tested = new TreeSet<>();
        for (Class<?> test : contractTests()) {
            tested.add(testedType(test));
        }
        Set<String> registered = PeftMethods.discovered().all().stream()
                .map(PeftMethod::peftType)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(registered).isNotEmpty();
        assertThat(tested)
                .as("peft_types with a test that extends " + PeftMethodContract.class.getSimpleName())
                .containsAll(registered);
    }

    private static List<Class<?>> contractTests() throws IOException, URISyntaxException {
        Path root = Path.of(MethodsHaveContractsTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .<Class<?>>map(file -> load(root.relativize(file).toString()))
                    .filter(PeftMethodContract.class::isAssignableFrom)
                    .filter(type -> !Modifier.isAbstract(type.getModifiers()))
                    .toList();
        }
    }

    private static Class<?> load(String file) {
        String name = file.substring(0, file.length() - ".class".length()).replaceAll("[/\\\\]", ".");
        try {
            return Class.forName(name, false, MethodsHaveContractsTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static String testedType(Class<?> test) throws ReflectiveOperationException {
        Constructor<?> constructor = test.getDeclaredConstructor();
        constructor.setAccessible(true);
        Class<?> promises = PeftMethodContract.class;
        while (promises.getSuperclass() != Object.class) {
            promises = promises.getSuperclass();
        }
        Method config = promises.getDeclaredMethod("config", ToyModel.class);
        config.setAccessible(true);
        return ((PeftConfig) config.invoke(constructor.newInstance(), ToyModel.LLAMA)).peftType();
    }
}

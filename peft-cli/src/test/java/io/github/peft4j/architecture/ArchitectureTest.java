package io.github.peft4j.architecture;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.ModelFamily;
import io.github.peft4j.models.checkpoint.internal.CheckpointForm;
import io.github.peft4j.training.data.internal.RowFormat;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the modules may know of each other, as ARCHITECTURE.md draws it. This module sees them all. */
final class ArchitectureTest {

    private static final String ROOT = "io.github.peft4j.";

    private static final String[] LIBRARIES = Stream.of("jinja", "models", "core", "methods", "training", "testkit")
            .map(module -> ROOT + module + "..")
            .toArray(String[]::new);

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.github.peft4j");
    }

    /** Checks that classes of one module know nothing of others. */
    private static void doesNotKnow(String module, String... others) {
        String[] packages =
                List.of(others).stream().map(other -> ROOT + other + "..").toArray(String[]::new);
        noClasses()
                .that(resideInAPackage(ROOT + module + ".."))
                .should(dependOnClassesThat(resideInAnyPackage(packages)))
                .allowEmptyShould(true)
                .check(classes);
    }

    /** Packages of the architectures: those in which a model family is implemented. */
    private static String[] architectures() {
        return implementations(ModelFamily.class).stream()
                .map(name -> name.substring(0, name.lastIndexOf('.')))
                .distinct()
                .toArray(String[]::new);
    }

    @Test
    void thereIsSomethingToCheck() {
        assertThat(classes).hasSizeGreaterThan(150);
        for (String module : List.of("jinja", "models", "core", "methods", "training", "testkit", "cli")) {
            assertThat(classes.stream().map(JavaClass::getPackageName))
                    .as(module)
                    .anyMatch(name -> name.equals(ROOT + module) || name.startsWith(ROOT + module + "."));
        }
        assertThat(architectures()).hasSizeGreaterThan(3);
    }

    @Test
    void theTemplateEngineStandsAlone() {
        noClasses()
                .that(resideInAPackage(ROOT + "jinja.."))
                .should(dependOnClassesThat(
                        resideOutsideOfPackages(ROOT + "jinja..", "java..", "org.jspecify.annotations..")))
                .check(classes);
    }

    @Test
    void modelsKnowNothingOfFineTuning() {
        doesNotKnow("models", "core", "methods", "training", "testkit", "cli");
    }

    @Test
    void coreKnowsNoMethodAndNothingAbove() {
        doesNotKnow("core", "methods", "training", "testkit", "cli");
    }

    @Test
    void methodsKnowNothingAbove() {
        doesNotKnow("methods", "training", "testkit", "cli");
    }

    @Test
    void trainingKnowsNoMethodAndNothingAbove() {
        doesNotKnow("training", "methods", "testkit", "cli");
    }

    @ParameterizedTest
    @ValueSource(strings = {"core", "methods", "training"})
    void noArchitectureIsKnownAboveTheModels(String module) {
        noClasses()
                .that(resideInAPackage(ROOT + module + ".."))
                .should(dependOnClassesThat(resideInAnyPackage(architectures())))
                .allowEmptyShould(true)
                .check(classes);
    }

    /** What a method changes it finds by what a model declares about itself: neither what the model is for nor what it is made of. */
    @ParameterizedTest
    @ValueSource(strings = {"core", "methods"})
    void noHeadIsKnownToMethods(String module) {
        String[] heads = classes.stream()
                .filter(type -> type.isAssignableTo(Head.class) && !type.isEquivalentTo(Head.class))
                .map(type -> type.getPackageName().replaceFirst("\\.internal$", "") + "..")
                .distinct()
                .toArray(String[]::new);
        assertThat(heads).hasSizeGreaterThan(2);
        noClasses()
                .that(resideInAPackage(ROOT + module + ".."))
                .should(dependOnClassesThat(resideInAnyPackage(heads)))
                .orShould(dependOnClassesThat(
                        resideInAnyPackage(ROOT + "models.llama..", ROOT + "models.internal.bert..")))
                .check(classes);
    }

    /** A room and what is internal to it are one. */
    @Test
    void packagesDoNotGoRoundInCircles() {
        slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        String name = type.getPackageName();
                        return name.startsWith(ROOT)
                                ? SliceIdentifier.of(name.replaceFirst("\\.internal$", ""))
                                : SliceIdentifier.ignore();
                    }

                    @Override
                    public String getDescription() {
                        return "rooms";
                    }
                })
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    @Test
    void aRoomHasAtMostTwentyTwoFiles() {
        Map<String, Long> files = classes.stream()
                .filter(type -> type.getPackageName().startsWith(ROOT) && type.isTopLevelClass())
                .filter(type -> !type.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
        assertThat(files).allSatisfy((room, count) -> assertThat(count).as(room).isLessThanOrEqualTo(22));
    }

    /** Public is promised: whoever makes a type public outside of the internal rooms says so here. */
    @Test
    void everyPublicTypeIsOnTheList() throws IOException {
        Set<String> promised = classes.stream()
                .filter(type -> resideInAnyPackage(LIBRARIES).test(type) && type.isTopLevelClass())
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(type -> !(type.getPackageName() + ".").contains(".internal."))
                .map(JavaClass::getName)
                .filter(name -> !name.endsWith("package-info"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(promised).containsExactlyInAnyOrderElementsOf(listed("public-types.txt"));
    }

    /** What users call, and authors implement, leads to promised types only; doors of the library's own are on a list, which should grow shorter. */
    @Test
    void promisedSignaturesNameNothingInternal() throws IOException {
        Set<String> promised = Set.copyOf(listed("public-types.txt"));
        Set<String> doors = classes.stream()
                .filter(type -> promised.contains(type.getName().replaceFirst("\\$.*", "")))
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .flatMap(type -> type.getCodeUnits().stream())
                .filter(unit -> unit.getModifiers().contains(JavaModifier.PUBLIC)
                        && !unit.getModifiers().contains(JavaModifier.SYNTHETIC))
                .filter(unit -> unit.getAllInvolvedRawTypes().stream()
                        .anyMatch(type -> type.getName().startsWith(ROOT)
                                && (type.getPackageName() + ".").contains(".internal.")))
                .map(unit -> unit.getOwner().getName() + "." + unit.getName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(doors).containsExactlyInAnyOrderElementsOf(listed("internal-doors.txt"));
    }

    private static List<String> listed(String file) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(ArchitectureTest.class.getResourceAsStream("/architecture/" + file))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }

    /** The command promises its command line. */
    @Test
    void theCommandHasNoJavaApi() {
        noClasses()
                .that(resideInAPackage(ROOT + "cli.."))
                .and()
                .resideOutsideOfPackage("..internal..")
                .and()
                .areTopLevelClasses()
                .and()
                .doNotHaveFullyQualifiedName(ROOT + "cli.Main")
                .should()
                .bePublic()
                .check(classes);
    }

    @Test
    void librariesPrintNothing() {
        noClasses()
                .that(resideInAnyPackage(LIBRARIES))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(classes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"toType", "toDevice", "duplicate"})
    void arraysAreConvertedByKernelsSinceTheEnginesOwnWayDropsGradients(String method) {
        noClasses()
                .that(resideInAPackage("io.github.peft4j.."))
                .and()
                .resideOutsideOfPackage(ROOT + "models.kernel..")
                .and()
                // Token ids come in from outside; there is no gradient to drop.
                .doNotHaveFullyQualifiedName(ROOT + "models.PaddedBatch")
                .should()
                .callMethodWhere(target(name(method)).and(target(owner(assignableTo(NDArray.class)))))
                .check(classes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"com.fasterxml..", "com.google.gson..", "org.json.."})
    void jsonIsReadAndWrittenByOnePackage(String library) {
        noClasses()
                .that(resideInAPackage("io.github.peft4j.."))
                .should(dependOnClassesThat(resideInAnyPackage(library)))
                .check(classes);
    }

    private static Set<String> implementations(Class<?> service) {
        return classes.stream()
                .filter(type -> type.isAssignableTo(service))
                .filter(type -> !type.isInterface() && !type.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @ValueSource(classes = {PeftMethod.class, ModelFamily.class, CheckpointForm.class, RowFormat.class})
    void everyImplementationIsRegistered(Class<?> service) throws IOException {
        Set<String> registered = new TreeSet<>();
        for (URL url : Collections.list(
                ArchitectureTest.class.getClassLoader().getResources("META-INF/services/" + service.getName()))) {
            try (InputStream in = url.openStream()) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(line -> line.replaceFirst("#.*", "").strip())
                        .filter(line -> !line.isEmpty())
                        .forEach(registered::add);
            }
        }
        assertThat(registered).containsExactlyInAnyOrderElementsOf(implementations(service));
    }

    @Test
    void everyPackageIsDocumentedAndSaysWhatMayBeNull() {
        Set<String> unmarked = new TreeSet<>();
        for (JavaPackage each : classes.getPackage("io.github.peft4j").getSubpackagesInTree()) {
            boolean marked = each.tryGetPackageInfo()
                    .map(info -> info.isAnnotatedWith(NullMarked.class))
                    .orElse(false);
            if (!each.getClasses().isEmpty() && !marked) {
                unmarked.add(each.getName());
            }
        }
        assertThat(unmarked).isEmpty();
    }

    @Test
    void noClassIsNamedAfterNothing() {
        Pattern nothing = Pattern.compile("(^|[a-z0-9])(Utils?|Helpers?|Manager|Impl)($|[A-Z0-9])");
        assertThat(classes.stream().map(JavaClass::getSimpleName))
                .noneMatch(name -> nothing.matcher(name).find());
    }
}

package io.github.peft4j.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.report.internal.Curve;
import io.github.peft4j.training.report.internal.Page;
import io.github.peft4j.training.report.internal.SvgChart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PageTest {

    private static final String HOSTILE = "<script>alert(1)</script>\"&' \u202e\u0000\uffff\ud800 ]]>";

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("report.html");
    }

    /** Parsed as XML, which takes nothing that is not well-formed, and by which nothing outside of it is read. */
    private Document parsed() throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setErrorHandler(null);
        return builder.parse(Files.newInputStream(file()));
    }

    private static List<Element> elements(Document page, String name) {
        NodeList all = page.getElementsByTagName(name);
        return IntStream.range(0, all.getLength())
                .mapToObj(i -> (Element) all.item(i))
                .toList();
    }

    private static List<String> values(Document page, String attribute) {
        return elements(page, "*").stream()
                .map(element -> element.getAttribute(attribute))
                .filter(value -> !value.isEmpty())
                .toList();
    }

    private TrainingListener told(TrainingListener.Logged... history) {
        TrainingListener page = Reports.page(file());
        page.started(ToldRun.start(history.length, history));
        return page;
    }

    @Test
    void thePageOfARunHasItsCurvesEvaluationsSettingsAndTimes() throws Exception {
        TrainingListener page = told();
        ToldRun.steps(page, 1, 40);
        page.finished(ToldRun.result());
        Document document = parsed();
        assertThat(elements(document, "title").get(0).getTextContent())
                .isEqualTo("Fine-tuning: LlamaForCausalLM, 100 parameters, float32");
        assertThat(elements(document, "h2"))
                .extracting(Element::getTextContent)
                .containsExactly("In short", "Curves", "Evaluations", "Settings", "Computer");
        assertThat(elements(document, "figcaption"))
                .extracting(Element::getTextContent)
                .containsExactly("Loss", "Gradient norm before clipping", "Learning rate", "Speed");
        assertThat(elements(document, "p"))
                .extracting(Element::getTextContent)
                .anyMatch(text -> text.startsWith("completed at step 40 of 40"))
                .contains("trainable params: 10 || all params: 100 || trainable%: 10.0000");
        assertThat(elements(document, "dt"))
                .extracting(Element::getTextContent)
                .contains("tokens per second", "peak memory", "processor", "cores", "PyTorch");
        // Evaluations after every tenth step, below the head.
        assertThat(elements(elements(document, "table").get(0), "tr")).hasSize(5);
    }

    private static List<Element> elements(Element within, String name) {
        NodeList all = within.getElementsByTagName(name);
        return IntStream.range(0, all.getLength())
                .mapToObj(i -> (Element) all.item(i))
                .toList();
    }

    @Test
    void nothingIsLoadedFromElsewhereAndNothingIsAScript() throws Exception {
        TrainingListener page = told();
        ToldRun.steps(page, 1, 40);
        page.finished(ToldRun.result());
        Document document = parsed();
        for (String attribute : List.of("src", "href", "action", "data", "style", "onload", "onclick")) {
            assertThat(values(document, attribute)).as(attribute).isEmpty();
        }
        for (String element : List.of("script", "link", "img", "iframe", "object", "embed", "base", "form", "use")) {
            assertThat(elements(document, element)).as(element).isEmpty();
        }
        assertThat(elements(document, "style").get(0).getTextContent()).doesNotContain("url(", "@import");
        // Names of XML's vocabularies are no addresses that anything is loaded from.
        assertThat(Files.readString(file()).replaceAll("xmlns=\"[^\"]*\"", "")).doesNotContain("http:", "https:", "//");
        assertThat(elements(document, "meta"))
                .anySatisfy(meta -> assertThat(meta.getAttribute("content"))
                        .startsWith("default-src 'none'; style-src 'sha256-")
                        .doesNotContain("unsafe"));
    }

    @Test
    void whoCannotSeeThePicturesIsToldWhatIsInThem() throws Exception {
        TrainingListener page = told();
        ToldRun.steps(page, 1, 40);
        page.finished(ToldRun.result());
        Document document = parsed();
        assertThat(document.getDocumentElement().getAttribute("lang")).isEqualTo("en");
        assertThat(elements(document, "h1")).hasSize(1);
        List<String> ids = values(document, "id");
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(values(document, "aria-labelledby"))
                .isNotEmpty()
                .allSatisfy(named -> assertThat(ids).contains(named.split(" ")));
        assertThat(elements(document, "svg"))
                .allMatch(picture -> picture.getAttribute("aria-hidden").equals("true")
                        || picture.getAttribute("role").equals("img"));
        assertThat(elements(document, "desc").get(0).getTextContent())
                .contains("From left to right: optimizer step.", "each step: 40 points, from 2.9537 to 0.50601");
        assertThat(elements(document, "table"))
                .allMatch(table -> !elements(table, "caption").isEmpty());
        assertThat(elements(document, "th"))
                .allMatch(head -> head.getAttribute("scope").matches("row|col"));
    }

    @Test
    void whatComesFromFilesCannotLeaveItsPlace() throws Exception {
        SvgChart chart = new SvgChart("a", HOSTILE, HOSTILE);
        Curve curve = new Curve();
        curve.add(1, 2);
        new Page(HOSTILE, List.of(HOSTILE))
                .section("x", HOSTILE)
                .note(HOSTILE)
                .code(HOSTILE)
                .facts(Map.of(HOSTILE, HOSTILE))
                .table(HOSTILE, List.of(HOSTILE, HOSTILE), List.of(List.of(HOSTILE, HOSTILE)))
                .confusion(HOSTILE, List.of(HOSTILE, "b"), List.of(List.of(1L, 2L), List.of(0L, 0L)))
                .charts(List.of(chart.marked(HOSTILE, curve, 0)))
                .write(file());
        Document document = parsed();
        assertThat(elements(document, "script")).isEmpty();
        assertThat(elements(document, "td").get(0).getTextContent())
                .isEqualTo("<script>alert(1)</script>\"&' \\u202e\\u0000\ufffd\\ud800 ]]>");
    }

    @Test
    void aRunThatIsKilledHasThePageOfItsLastCheckpoint() throws Exception {
        TrainingListener page = told();
        ToldRun.steps(page, 1, 20);
        assertThat(file()).doesNotExist();
        page.saved(new TrainingListener.Saved(20, folder));
        assertThat(elements(parsed(), "p").get(0).getTextContent()).startsWith("going on at step 20 of 40");
    }

    @Test
    void aResumedRunShowsWhatWasBeforeTooWithItsMetrics() throws Exception {
        TrainingListener page = told(
                new TrainingListener.Logged(1, Map.of("loss", 3.0, "grad_norm", 1.0, "learning_rate", 1e-4)),
                new TrainingListener.Logged(2, Map.of("eval_loss", 2.5, "eval_accuracy", 0.75, "eval_runtime", 1.0)));
        page.step(ToldRun.step(3));
        page.finished(ToldRun.result());
        Document document = parsed();
        assertThat(elements(elements(document, "table").get(0), "th"))
                .extracting(Element::getTextContent)
                .containsExactly("step", "accuracy", "loss", "2");
        assertThat(elements(document, "desc").get(0).getTextContent()).contains("each step: 2 points, from 3 to");
    }

    @Test
    void anEvaluationAfterTheEndIsOnThePageToo() throws Exception {
        TrainingListener page = told();
        page.step(ToldRun.step(1));
        page.finished(ToldRun.result());
        assertThat(elements(parsed(), "table")).hasSize(1);
        page.evaluated(ToldRun.evaluation(40));
        assertThat(elements(parsed(), "table")).hasSize(2);
    }

    @Test
    void anInterruptedRunHasItsPageAndStaysInterrupted() throws Exception {
        TrainingListener page = told();
        ToldRun.steps(page, 1, 5);
        Thread.currentThread().interrupt();
        page.finished(new TrainingResult(TrainingResult.Outcome.INTERRUPTED, 5, 1, 0, 1, 10, 100, null, List.of()));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(elements(parsed(), "p").get(0).getTextContent()).startsWith("interrupted at step 5 of 40");
    }

    @Test
    void aLongRunHasASmallPage() throws Exception {
        TrainingListener page = told();
        for (long step = 1; step <= 30_000; step++) {
            page.step(ToldRun.step(step));
            if (step % 10 == 0) {
                page.evaluated(ToldRun.evaluation(step));
            }
        }
        page.finished(ToldRun.result());
        assertThat(Files.size(file())).isLessThan(200_000);
        assertThat(elements(parsed(), "caption"))
                .extracting(Element::getTextContent)
                .contains("Held-out rows, the last 200 of 3000");
    }

    @Test
    void numbersAreShownAsPeopleReadThem() {
        List<String> shown = new ArrayList<>();
        for (double number : new double[] {0, -0.0, 1, 1234567, 0.000123456, 1e-7, 1.5e300, -2.5, Double.NaN}) {
            shown.add(Page.number(number));
        }
        assertThat(shown).containsExactly("0", "0", "1", "1234600", "0.00012346", "1e-7", "1.5e300", "-2.5", "-");
    }
}

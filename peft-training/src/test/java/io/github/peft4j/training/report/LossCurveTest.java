package io.github.peft4j.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.training.progress.TrainingListener;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossCurveTest {

    private static final int RAW = 0xFFB8CCE4;
    private static final int SMOOTH = 0xFF1F4E9C;
    private static final int EVALUATION = 0xFFD65F0E;

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("loss.png");
    }

    private static long pixels(BufferedImage image, int color, int fromColumn, int toColumn) {
        long count = 0;
        for (int x = fromColumn; x < toColumn; x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                count += image.getRGB(x, y) == color ? 1 : 0;
            }
        }
        return count;
    }

    @Test
    void thePictureShowsEveryStepTheTrendAndTheEvaluations() throws Exception {
        LossCurve curve = new LossCurve(file());
        curve.started(ToldRun.start(0));
        ToldRun.steps(curve, 1, 40);
        curve.finished(ToldRun.result());
        BufferedImage image = ImageIO.read(file().toFile());
        assertThat(image.getWidth()).isEqualTo(900);
        assertThat(image.getHeight()).isEqualTo(500);
        assertThat(pixels(image, SMOOTH, 0, 900)).isGreaterThan(500);
        assertThat(pixels(image, RAW, 0, 900)).isGreaterThan(100);
        assertThat(pixels(image, EVALUATION, 0, 900)).isGreaterThan(100);
    }

    @Test
    void aResumedRunShowsWhatWasBeforeToo() throws Exception {
        TrainingListener.Logged before = new TrainingListener.Logged(1, Map.of("loss", 3.0));
        TrainingListener.Logged evaluated = new TrainingListener.Logged(1, Map.of("eval_loss", 3.0));
        LossCurve whole = new LossCurve(file());
        whole.started(ToldRun.start(39, before, evaluated));
        whole.step(ToldRun.step(40));
        whole.finished(ToldRun.result());
        // A line from step 1 to step 40 crosses the left half; a single step would leave it empty.
        assertThat(pixels(ImageIO.read(file().toFile()), SMOOTH, 100, 400)).isGreaterThan(100);
    }

    @Test
    void itIsDrawnAtEachCheckpoint() throws Exception {
        LossCurve curve = new LossCurve(file());
        curve.started(ToldRun.start(0));
        ToldRun.steps(curve, 1, 5);
        assertThat(file()).doesNotExist();
        curve.saved(new TrainingListener.Saved(5, folder));
        assertThat(file()).exists();
    }

    @Test
    void aRunWithoutStepsLeavesNoPictureAndLossesThatAreNoNumbersAreLeftOut() throws Exception {
        LossCurve curve = new LossCurve(file());
        curve.started(ToldRun.start(0));
        curve.finished(ToldRun.result());
        assertThat(file()).doesNotExist();
        curve.step(new TrainingListener.Step(1, Double.NaN, 1, 1, 1, 1, 1));
        curve.step(ToldRun.step(2));
        curve.finished(ToldRun.result());
        assertThat(file()).exists();
    }

    @Test
    void anInterruptedRunIsDrawnAndStaysInterrupted() {
        LossCurve curve = new LossCurve(file());
        curve.started(ToldRun.start(0));
        ToldRun.steps(curve, 1, 5);
        Thread.currentThread().interrupt();
        curve.finished(ToldRun.result());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(Files.exists(file())).isTrue();
    }
}

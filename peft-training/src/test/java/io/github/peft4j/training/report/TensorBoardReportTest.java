package io.github.peft4j.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;

/** Read back with TensorFlow's own message classes. */
class TensorBoardReportTest {

    @TempDir
    Path folder;

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static List<Event> read(Path file) throws IOException {
        List<Event> events = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            while (in.available() > 0) {
                byte[] length = in.readNBytes(8);
                assertThat(Integer.reverseBytes(in.readInt())).isEqualTo(masked(length));
                byte[] content = in.readNBytes((int) java.nio.ByteBuffer.wrap(length)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .getLong());
                assertThat(Integer.reverseBytes(in.readInt())).isEqualTo(masked(content));
                events.add(Event.parseFrom(content));
            }
        }
        return events;
    }

    /** TensorFlow's definition: ((crc >> 15) | (crc << 17)) + 0xa282ead8. */
    private static int masked(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        long value = crc.getValue();
        return (int) (((value >>> 15) | (value << 17)) + 0xa282ead8L);
    }

    @Test
    void tensorFlowReadsEveryValueBack() throws Exception {
        TensorBoardReport report = new TensorBoardReport(folder);
        report.started(ToldRun.start(0));
        ToldRun.steps(report, 1, 300);
        report.finished(ToldRun.result());
        assertThat(files()).hasSize(1);
        assertThat(files().get(0).getFileName().toString()).startsWith("events.out.tfevents.");
        List<Event> events = read(files().get(0));
        assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");
        assertThat(events.get(0).getWallTime()).isCloseTo(System.currentTimeMillis() / 1e3, within(60.0));
        assertThat(events).hasSize(1 + 300 * 4 + 30);
        for (Event event : events.subList(1, events.size())) {
            Summary.Value value = event.getSummary().getValue(0);
            double expected = switch (value.getTag()) {
                case "train/loss" -> ToldRun.step(event.getStep()).loss();
                case "train/grad_norm" -> 1.5;
                case "train/learning_rate" -> 1e-4;
                case "train/tokens_per_second" -> 2048;
                case "eval/loss" -> ToldRun.evaluation(event.getStep()).result().loss();
                default -> throw new AssertionError(value.getTag());
            };
            assertThat(value.getSimpleValue()).isEqualTo((float) expected);
        }
    }

    @Test
    void whatWasToldCanBeReadBeforeTheRunEnds() throws Exception {
        TensorBoardReport report = new TensorBoardReport(folder);
        report.started(ToldRun.start(0));
        report.step(ToldRun.step(1));
        assertThat(read(files().get(0))).hasSize(5);
        report.finished(ToldRun.result());
    }

    @Test
    void everyRunHasAFileOfItsOwn() throws Exception {
        for (int i = 0; i < 3; i++) {
            TensorBoardReport report = new TensorBoardReport(folder.resolve("deeper"));
            report.started(ToldRun.start(0));
            report.finished(ToldRun.result());
        }
        assertThat(folder.resolve("deeper").toFile().list()).hasSize(3);
    }
}

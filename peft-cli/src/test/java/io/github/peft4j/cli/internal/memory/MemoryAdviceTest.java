package io.github.peft4j.cli.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Failure;
import io.github.peft4j.cli.internal.console.Shortage;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.training.estimate.MemoryEstimate;
import io.github.peft4j.training.estimate.internal.ModelOutline;
import io.github.peft4j.training.internal.TrainedPart;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryAdviceTest {

    private static final EngineException FULL =
            new EngineException("DefaultCPUAllocator: can't allocate memory: you tried to allocate 12345 bytes");

    @TempDir
    private Path folder;

    @BeforeEach
    void write() {
        ToyModel.LLAMA.write(folder);
    }

    private void advise(MemoryEstimate.Run run, Consumer<MemoryAdvice> use) throws IOException {
        advise(run, 0, use);
    }

    private void advise(MemoryEstimate.Run run, long batchTokens, Consumer<MemoryAdvice> use) throws IOException {
        TrainedPart part = TrainedPart.newAdapter(
                LoraConfig.builder(2, 4).targetModules("q_proj").build());
        ModelOutline.count(Models.config(folder), Head.class, Precision.FLOAT32, part, ParameterGroups.NONE, count -> {
            use.accept(new MemoryAdvice(count, run, new MemoryAdvice.Settings(Device.cpu(), true, 3, batchTokens)));
            return run;
        });
    }

    @Test
    void whereMemoryRunsOutWhatSavesMostIsNamedFirst() throws IOException {
        MemoryEstimate.Run run = new MemoryEstimate.Run(2000, 100, false, null);
        advise(
                run,
                advice -> assertThatThrownBy(() -> advice.advising(() -> {
                            throw FULL;
                        }))
                        .isInstanceOf(Shortage.class)
                        .hasCause(FULL)
                        .satisfies(e -> assertThat(Failure.code(e)).isEqualTo(ExitCode.FAILED))
                        .extracting(Failure::line)
                        .asString()
                        .matches(
                                "error: not enough memory: this run needs about [0-9.]+ GiB\\. "
                                        + "(--dtype bfloat16|--batch-size 1000 with --gradient-accumulation 6) saves about [0-9.]+ [GM]iB, "
                                        + "(--dtype bfloat16|--batch-size 1000 with --gradient-accumulation 6) about [0-9.]+ [GM]iB, "
                                        + "--checkpointing about [0-9]+ MiB; peft4j estimate --fit says what fits "
                                        + "\\(DefaultCPUAllocator: can't allocate memory: you tried to allocate 12345 bytes\\)"));
    }

    @Test
    void whatTheRunDoesAlreadyIsNotAdvised() throws IOException {
        MemoryEstimate.Run run = new MemoryEstimate.Run(1, 200_000, true, Quantization.NF4, Precision.BFLOAT16);
        advise(
                run,
                advice -> assertThat(advice.warning(0, 0).orElseThrow())
                        .contains("and 0 MiB are free. --max-length 100000 saves about ")
                        .doesNotContain("--checkpointing", "--batch-size", "--dtype", "--quantize"));
    }

    @Test
    void whereBatchesHaveSoManyTokensFewerOfThemAreAdvised() throws IOException {
        MemoryEstimate.Run run = new MemoryEstimate.Run(2000, 100, true, null);
        advise(
                run,
                200_000,
                advice -> assertThat(advice.warning(0, 0).orElseThrow())
                        .contains("--batch-tokens 100000")
                        .doesNotContain("--batch-size"));
    }

    @Test
    void aRunThatFitsIsNotWarnedOf() throws IOException {
        advise(
                new MemoryEstimate.Run(1, 8, false, null),
                advice -> assertThat(advice.warning(1L << 40, 0)).isEmpty());
    }

    @Test
    void otherFailuresStayWhatTheyAre() throws IOException {
        IllegalStateException other = new IllegalStateException("the loss is infinite");
        advise(
                new MemoryEstimate.Run(1, 8, false, null),
                advice -> assertThatThrownBy(() -> advice.advising(() -> {
                            throw other;
                        }))
                        .isSameAs(other));
    }
}

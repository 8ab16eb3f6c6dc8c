package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What Hugging Face's AutoPeftModelForCausalLM opens: CAUSAL_LM, and adapters that tell no task. */
final class TaskTypeTest extends AdapterFolderFixture {

    private static FakeConfig forTask(@Nullable TaskType task) {
        return FakeConfig.of("q_proj").withCommon(CommonSettings.forModel().withTaskType(task));
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CAUSAL_LM")
    void anAdapterForAnotherTaskIsNotPutOnACausalModel(TaskType task) {
        assertThatThrownBy(() -> attach(forTask(task)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("task_type " + task
                        + " needs another kind of model than a LlamaForCausalLM, whose head is for"
                        + " causal-lm: expected CAUSAL_LM, or null for none");
        assertThat(Toy.logits(model)).containsExactly(base);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CAUSAL_LM")
    void norIsItLoadedOrSwappedIn(TaskType task) throws IOException {
        save(FakeConfig.of("q_proj").withInitial(2));
        Path file = saved.resolve("adapter_config.json");
        Files.writeString(file, Files.readString(file).replace("CAUSAL_LM", task.name()));
        assertThatThrownBy(this::open)
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("the adapter in " + saved)
                .hasMessageContaining("does not fit this LlamaForCausalLM: task_type " + task + " needs another kind");
        assertThat(Toy.logits(model)).containsExactly(base);
    }

    @Test
    void anAdapterWithoutATaskIsForAnyModel() throws IOException {
        float[] adapted = save(forTask(null).withInitial(2));
        assertThat(saved.resolve("adapter_config.json")).content().contains("\"task_type\": null");
        open();
        assertThat(Toy.logits(model)).containsExactly(adapted);
    }
}

package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A toy model, and a folder for its adapters. */
public abstract class AdapterFolderFixture {

    static final String KEY = "base_model.model.model.layers.%d.self_attn.q_proj.fake_factor";

    @TempDir
    Path folder;

    public Path saved;
    public Model<LanguageHead> model;
    public float[] base;

    @BeforeEach
    void load() {
        model = Toy.load(Toy.write(folder.resolve("base"), false));
        base = Toy.logits(model);
        saved = folder.resolve("adapter");
    }

    @AfterEach
    void close() {
        model.close();
    }

    static AttachContext named(String name) {
        return new AttachContext(name, 0, true);
    }

    PeftModel<?> attach(FakeConfig config) {
        return PeftModel.attach(model, config, AttachContext.of(0), FakeMethod.ALONE);
    }

    /** Saves an adapter that changes the model, takes it away, and returns what the model computed with it. */
    float[] save(FakeConfig config) throws IOException {
        PeftModel<?> peft = attach(config);
        float scale = 1;
        for (Weight weight : peft.adapter().parameters().values()) {
            weight.scope().kernels().scaleInto(weight.array(), scale += 0.25f);
        }
        float[] adapted = Toy.logits(model);
        peft.save(saved);
        peft.unload();
        return adapted;
    }

    PeftModel<?> open() throws IOException {
        return PeftModel.load(model, saved, FakeMethod.ALONE);
    }

    static List<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    void config(String text) throws IOException {
        Files.createDirectories(saved);
        Files.writeString(saved.resolve("adapter_config.json"), text);
    }

    void refused(String message) {
        Map<String, ?> modules = model.modulesByPath();
        int live = model.scope().liveArrays();
        assertThatThrownBy(this::open).isInstanceOf(CheckpointException.class).hasMessage(message);
        assertThat(model.modulesByPath()).isEqualTo(modules);
        assertThat(model.scope().liveArrays()).isEqualTo(live);
        assertThat(Toy.logits(model)).containsExactly(base);
    }

    /** Writes the saved tensors again, under other names or in another type, there all of value 1.5. */
    void rewrite(UnaryOperator<String> names, StoredType type) throws IOException {
        Path file = saved.resolve("adapter_model.safetensors");
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : checkpoint.names()) {
                TensorInfo info = checkpoint.info(name);
                TensorInfo other = new TensorInfo(names.apply(name), type == null ? info.type() : type, info.shape());
                tensors.add(TensorSource.of(other, type == null ? checkpoint.bytes(name) : filled(other)));
            }
            AtomicWrite.toFile(file, channel -> SafetensorsWriter.write(channel, Map.of(), tensors));
        }
    }

    private static ByteBuffer filled(TensorInfo info) {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            switch (info.type()) {
                case BF16 -> bytes.putShort((short) 0x3fc0);
                case F16 -> bytes.putShort((short) 0x3e00);
                default -> bytes.putLong(3);
            }
        }
        return bytes.flip();
    }
}

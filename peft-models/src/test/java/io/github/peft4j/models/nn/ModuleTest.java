package io.github.peft4j.models.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.internal.ModuleList;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import io.github.peft4j.models.nn.layer.internal.Mlp;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModuleTest {

    private final Scope scope = Scope.open(Device.cpu());

    @AfterEach
    void close() {
        scope.close();
    }

    private Weight weight(String name, long... shape) {
        float[] values = new float[(int) new Shape(shape).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i - 2;
        }
        return new Weight(name, scope.floats(values, shape), Precision.FLOAT32, scope, false);
    }

    private Linear linear(long out, long in) {
        return Linear.of(weight("weight", out, in), weight("bias", out));
    }

    private Module tree() {
        Mlp mlp = new Mlp("up", linear(3, 2), "down", linear(2, 3), ActivationFunction.RELU);
        return new ModuleList(List.of(mlp, linear(2, 2)));
    }

    /** Adds a number to what it wraps; a module without weights of its own. */
    private static final class Plus extends Wrapper {
        Plus(Module wrapped) {
            super(wrapped);
        }

        @Override
        public Activation forward(Forward context, Activation input) {
            return wrapped().forward(context, input);
        }
    }

    /** A module without anything in it. */
    private static final class Empty extends Module {
        Empty(String... children) {
            for (String name : children) {
                child(name, new Empty());
            }
        }

        @Override
        public Activation forward(Forward context, Activation input) {
            return Activation.constant(context.kernels().copy(input.array()));
        }
    }

    // ---- paths

    @Test
    void findsModulesAndWeightsByPath() {
        Module tree = tree();
        assertThat(tree.modulesByPath()).containsOnlyKeys("", "0", "0.up", "0.down", "1");
        assertThat(tree.at("")).isSameAs(tree);
        assertThat(((ModuleList) tree).size()).isEqualTo(2);
        assertThat(tree.at("0.down")).isInstanceOf(Linear.class);
        assertThat(tree.childModules()).containsOnlyKeys("0", "1");
        assertThat(tree.weightsByPath())
                .containsOnlyKeys("0.up.weight", "0.up.bias", "0.down.weight", "0.down.bias", "1.weight", "1.bias");
        assertThat(tree.at("1").ownWeights()).containsOnlyKeys("weight", "bias");
        assertThat(tree.ownWeights()).isEmpty();
    }

    @Test
    void replacesWhatTheParentCalls() {
        Module tree = tree();
        Module before = tree.at("0.up");
        Module now = tree.replace("0.up", Plus::new);
        assertThat(now).isInstanceOf(Plus.class).isSameAs(tree.at("0.up"));
        assertThat(tree.at("0.up.base_layer")).isSameAs(before);
        assertThat(Wrapper.innermost(now)).isSameAs(before);
        assertThat(tree.weightsByPath()).containsKey("0.up.base_layer.weight").doesNotContainKey("0.up.weight");
        ((Plus) now).rewrap(linear(3, 2));
        assertThat(tree.at("0.up.base_layer")).isNotSameAs(before);
        assertThat(tree.replace("0.up", wrapper -> before)).isSameAs(before);
    }

    @Test
    void saysWhereAPathEnds() {
        Module tree = tree();
        assertThatThrownBy(() -> tree.at("0.gate.x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no module at 0.gate.x: Mlp has children [up, down], not \"gate\"");
        assertThatThrownBy(() -> tree.replace("2", m -> m))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no module at 2: ModuleList has children [0, 1], not \"2\"");
        assertThatThrownBy(() -> tree.at("0..up")).hasMessageContaining("Mlp has children [up, down], not \"\"");
        assertThatThrownBy(() -> tree.replace("", m -> m))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a module cannot replace itself: name one below it");
    }

    @Test
    void takesFurtherChildrenAndLetsThemGo() {
        Module tree = tree();
        tree.addChild("lora_A", linear(1, 2));
        assertThat(tree.weightsByPath()).containsKey("lora_A.weight");
        assertThatThrownBy(() -> tree.addChild("lora_A", linear(1, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a ModuleList already has a child lora_A");
        tree.removeChild("lora_A");
        tree.removeChild("lora_A");
        assertThat(tree.childModules()).containsOnlyKeys("0", "1");
        tree.addChild("lora_A", linear(1, 2));
    }

    @Test
    void keepsTheChildrenItWasBuiltWith() {
        Module tree = tree();
        assertThatThrownBy(() -> tree.removeChild("0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a ModuleList cannot be without its child 0: replace it");
        assertThat(tree.at("0")).isInstanceOf(Mlp.class);
        assertThatThrownBy(() -> new Empty("a", "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a Empty already has a child a");
    }

    @Test
    void putsChildrenOfLongerNamesUnderModulesThatOnlyHoldThem() {
        Empty module = new Empty("self.query", "self.key", "output.dense");
        assertThat(module.modulesByPath().keySet())
                .containsExactly("", "self", "self.query", "self.key", "output", "output.dense");
        assertThatThrownBy(() -> new Empty("self.query", "self.query"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("already has a child query");
        try (Forward context = Forward.inference(scope)) {
            Activation input = Activation.constant(scope.longs(1));
            assertThatThrownBy(() -> module.at("self").forward(context, input))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("a module that holds [query, key] computes nothing");
        }
    }

    @Test
    void refusesNamesThatNoPathCanHold() {
        for (String name : List.of("", "a.b")) {
            assertThatThrownBy(() -> tree().addChild(name, linear(1, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a child's name is one segment of a path, got \"" + name + "\"");
        }
    }

    @Test
    void copiesLayersOverOtherWeights() {
        Linear layer = linear(2, 3);
        Weight other = weight("weight", 2, 3);
        Linear copy = layer.withWeights(w -> w.name().equals("weight") ? other : w);
        assertThat(copy.weight()).isSameAs(other);
        assertThat(copy.bias()).isSameAs(layer.bias());
        Embedding table = Embedding.of(weight("weight", 4, 2));
        assertThat(table.withWeights(w -> other).weight()).isSameAs(other);
        Linear transposed = Linear.conv1d(weight("weight", 2, 3), null);
        assertThat(transposed.isConv1d()).isTrue();
        assertThat(transposed.in()).isEqualTo(2);
        assertThat(transposed.out()).isEqualTo(3);
        assertThat(transposed.withWeights(w -> w).isConv1d()).isTrue();
        assertThatThrownBy(() -> tree().withWeights(w -> w))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("a ModuleList cannot be copied: only linear layers, embeddings and norms can");
    }

    // ---- as a DJL block

    @Test
    void showsDjlItsChildrenAndParameters() {
        Module tree = tree();
        assertThat(tree.getChildren().keys()).containsExactly("0", "1");
        assertThat(tree.getDirectParameters()).isEmpty();
        assertThat(tree.at("1").getDirectParameters().keys()).containsExactly("weight", "bias");
        assertThat(tree.getParameters().keys())
                .containsExactlyElementsOf(tree.weightsByPath().keySet());
        for (Pair<String, Parameter> pair : tree.getParameters()) {
            assertThat(pair.getValue().requiresGradient()).isFalse();
            assertThat(pair.getValue().getArray())
                    .isSameAs(tree.weightsByPath().get(pair.getKey()).array());
        }
        assertThat(tree.isInitialized()).isTrue();
        tree.initialize(null, null);
        assertThat(tree.getParameters().keys()).hasSize(6);
    }

    @Test
    void runsForDjlAsOneRow() {
        Module layer = linear(2, 3);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray x = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
            NDArray y = layer.forward(new ParameterStore(manager, false), new NDList(x), false)
                    .singletonOrThrow();
            // w = [[-2, -1, 0], [1, 2, 3]], b = [-2, -1]
            assertThat(y.toFloatArray()).containsExactly(-6, 13, -15, 31);
            assertThat(y.getManager()).isSameAs(manager);
            NDArray again = layer.forward(new ParameterStore(manager, false), new NDList(x), true)
                    .singletonOrThrow();
            assertThat(again.toFloatArray()).isEqualTo(y.toFloatArray());
        }
    }

    @Test
    void cannotTellDjlWhereToComputeWithoutWeights() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDList x = new NDList(manager.create(new float[] {1}));
            ParameterStore store = new ParameterStore(manager, false);
            assertThatThrownBy(() -> new Empty().forward(store, x, false))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("Empty has no weights that say where to compute; call forward(Forward, Activation)");
        }
    }

    @Test
    void refusesWhatDjlCannotKnowOrStore() {
        Module layer = linear(2, 3);
        assertThatThrownBy(() -> layer.getOutputShapes(new Shape[] {new Shape(1, 3)}))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("Linear knows its output shape only with its rows; run forward instead");
        assertThatThrownBy(() -> layer.saveParameters(new DataOutputStream(new ByteArrayOutputStream())))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("modules are not written in DJL's format: write safetensors with ShardedWriter");
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            DataInputStream nothing = new DataInputStream(new ByteArrayInputStream(new byte[0]));
            assertThatThrownBy(() -> layer.loadParameters(manager, nothing))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("modules are not read in DJL's format: load a checkpoint with Models");
        }
    }
}

plugins {
    application
}

repositories {
    maven(url = providers.gradleProperty("peft4jRepository").get())
    mavenCentral()
}

dependencies {
    implementation(platform("io.github.peft4j:peft-bom:0.1.0-SNAPSHOT"))
    implementation("io.github.peft4j:peft-methods")
    implementation("io.github.peft4j:peft-training")
    runtimeOnly("ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0")
    runtimeOnly("ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64")
    runtimeOnly("org.slf4j:slf4j-simple:2.0.20")
}

application {
    mainClass = "example.App"
}

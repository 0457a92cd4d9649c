import { createApp } from 'vue'
import './element'
import './styles/theme.css'
import './styles/base.css'
import './styles/table.css'
import App from './App.vue'
import { startSession } from './session/session'

startSession()
createApp(App).mount('#app')
